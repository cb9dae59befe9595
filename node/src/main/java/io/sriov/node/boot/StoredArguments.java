package io.sriov.node.boot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sriov.linux.file.HostFiles;
import io.sriov.plan.node.Boot;
import io.sriov.plan.node.Boot.StoredArgument;
import io.sriov.plan.node.Boot.StoredArgument.State;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The record of what was done about kernel arguments: only what was added is taken away again. */
final class StoredArguments {

  private static final Logger log = LoggerFactory.getLogger(StoredArguments.class);

  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private record Document(List<StoredArgument> arguments) {}

  private final Path file;

  StoredArguments(BootPaths paths) {
    this.file = paths.host(Boot.STORED_ARGUMENTS_FILE);
  }

  List<StoredArgument> read() throws IOException {
    Optional<byte[]> bytes = HostFiles.read(file);
    if (bytes.isEmpty()) {
      return List.of();
    }
    try {
      @Nullable Document found = JSON.readValue(bytes.get(), Document.class);
      return found == null || found.arguments() == null
          ? List.of()
          : found.arguments().stream().filter(StoredArguments::isWhole).toList();
    } catch (JsonProcessingException e) {
      log.warn(
          "{} is unreadable, so kernel arguments set earlier stay: {}",
          Boot.STORED_ARGUMENTS_FILE,
          e.getOriginalMessage());
      return List.of();
    }
  }

  private static boolean isWhole(@Nullable StoredArgument entry) {
    return entry != null
        && entry.argument() != null
        && entry.state() != null
        && entry.bootId() != null;
  }

  Optional<State> stateOf(String argument) throws IOException {
    return read().stream()
        .filter(entry -> entry.argument().equals(argument))
        .map(StoredArgument::state)
        .findFirst();
  }

  void put(String argument, State state, String bootId) throws IOException {
    var entries =
        Stream.concat(
                read().stream().filter(entry -> !entry.argument().equals(argument)),
                Stream.of(new StoredArgument(argument, state, bootId)))
            .toList();
    String text =
        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(new Document(entries)) + "\n";
    HostFiles.writeAtomically(file, text.getBytes(StandardCharsets.UTF_8), 0644);
  }
}
