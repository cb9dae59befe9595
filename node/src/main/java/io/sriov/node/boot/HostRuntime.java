package io.sriov.node.boot;

import io.sriov.linux.file.HostFiles;
import io.sriov.linux.program.HostProgram;
import io.sriov.plan.node.BootUnit;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daemon's copy on the host's disk: at boot there is no image yet to run from. A folder named
 * by what it holds, and a script under the name by which the units start it; the script changes
 * last, so that a unit never runs half of a copy.
 */
public final class HostRuntime {

  static final String FOLDER = "/var/lib/sriov";

  /** What {@code service} needs of the image. */
  private static final List<String> PARTS =
      List.of("runtime", "lib", "aot/daemon.aot", "daemon.options");

  private static final Pattern COPY = Pattern.compile("[0-9a-f]{16}");
  private static final Pattern HOME =
      Pattern.compile("^home=" + FOLDER + "/([0-9a-f]{16})$", Pattern.MULTILINE);

  private static final Logger log = LoggerFactory.getLogger(HostRuntime.class);

  private final Path image;
  private final BootPaths paths;
  private final HostCommands commands;
  private @Nullable String identity;

  /**
   * @param image folder of runtime and jars in the image, {@code /opt/sriov}
   */
  public HostRuntime(Path image, BootPaths paths, HostCommands commands) {
    this.image = image;
    this.paths = paths;
    this.commands = commands;
  }

  /** Of what the image holds: names, sizes and times, which also decide on the AOT cache's use. */
  synchronized String identity() throws IOException {
    if (identity == null) {
      identity = computed();
    }
    return identity;
  }

  private String computed() throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    for (Path file : files()) {
      var attributes =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      String line =
          image.relativize(file)
              + " "
              + (attributes.isRegularFile() ? attributes.size() : -1)
              + " "
              + attributes.lastModifiedTime().toMillis()
              + "\n";
      digest.update(line.getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  private List<Path> files() throws IOException {
    var files = new ArrayList<Path>();
    for (String part : PARTS) {
      Path from = image.resolve(part);
      if (part.startsWith("aot/") && !Files.exists(from)) {
        // An image built without caches starts more slowly, that is all.
        continue;
      }
      try (Stream<Path> found = Files.walk(from)) {
        found
            .filter(file -> !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
            .forEach(files::add);
      }
    }
    return files.stream().sorted().toList();
  }

  /** Identity of the copy that the units would start. */
  Optional<String> installed() throws IOException {
    Matcher home =
        HOME.matcher(
            HostFiles.read(paths.host(BootUnit.PROGRAM))
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .orElse(""));
    return home.find() && Files.isDirectory(paths.host(FOLDER).resolve(home.group(1)))
        ? Optional.of(home.group(1))
        : Optional.empty();
  }

  void install() throws IOException, InterruptedException {
    String id = identity();
    Path folder = Files.createDirectories(paths.host(FOLDER));
    Path copy = folder.resolve(id);
    if (!Files.isDirectory(copy)) {
      Path unfinished = folder.resolve("." + id + ".new");
      deleteTree(unfinished);
      for (Path file : files()) {
        copy(file, unfinished.resolve(image.relativize(file).toString()));
      }
      Path options = unfinished.resolve("daemon.options");
      String text = Files.readString(options).replace(image.toString(), FOLDER + "/" + id);
      HostFiles.writeAtomically(options, text.getBytes(StandardCharsets.UTF_8), 0644);
      Path moved = Files.move(unfinished, copy, StandardCopyOption.ATOMIC_MOVE);
      assert moved.equals(copy);
    }
    label();
    HostFiles.writeAtomically(
        paths.host(BootUnit.PROGRAM), launcher(id).getBytes(StandardCharsets.UTF_8), 0755);
    deleteCopiesBut(id);
  }

  private static void copy(Path from, Path to) throws IOException {
    Path unused = Files.createDirectories(to.resolveSibling("."));
    // With its time, by which the JVM recognises the jars that its AOT cache was made for.
    Path made = Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
    if (Files.isRegularFile(made, LinkOption.NOFOLLOW_LINKS)) {
      try (FileChannel written = FileChannel.open(made, StandardOpenOption.READ)) {
        written.force(true);
      }
    }
  }

  private static String launcher(String id) {
    return """
    #!/bin/sh
    # Written by the SR-IOV config daemon: what %s and %s run.
    home=%s/%s
    export MALLOC_ARENA_MAX=1
    exec "$home/runtime/bin/java" -XX:AOTMode=auto "-XX:AOTCache=$home/aot/daemon.aot" "@$home/daemon.options" "$@"
    """
        .formatted(BootUnit.PRE.name(), BootUnit.POST.name(), FOLDER, id);
  }

  /** Where SELinux is on, systemd may start only what is labelled as a program. */
  private void label() throws InterruptedException {
    if (!Files.exists(paths.sys().resolve("fs/selinux/enforce")) || !commands.has("chcon")) {
      return;
    }
    try {
      HostProgram.Ended ended =
          commands.run(Duration.ofMinutes(1), "chcon", "-R", "-t", "bin_t", FOLDER);
      if (ended.failed()) {
        log.warn("{} is not labelled for SELinux: {}", FOLDER, ended.output());
      }
    } catch (IOException e) {
      log.warn("{} is not labelled for SELinux: {}", FOLDER, e.getMessage());
    }
  }

  /** Removes everything of ours. */
  void remove() throws IOException {
    boolean unused = HostFiles.delete(paths.host(BootUnit.PROGRAM));
    deleteCopiesBut("");
    try {
      boolean unusedToo = Files.deleteIfExists(paths.host(FOLDER));
    } catch (DirectoryNotEmptyException e) {
      log.debug("{} holds what is not ours", FOLDER);
    }
  }

  private void deleteCopiesBut(String id) throws IOException {
    var old = new ArrayList<Path>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(paths.host(FOLDER))) {
      for (Path entry : entries) {
        String name = String.valueOf(entry.getFileName());
        String bare = name.startsWith(".") ? name.substring(1).replaceFirst("\\.new$", "") : name;
        if (COPY.matcher(bare).matches() && !name.equals(id)) {
          old.add(entry);
        }
      }
    } catch (NoSuchFileException e) {
      return;
    }
    for (Path entry : old) {
      deleteTree(entry);
    }
  }

  private static void deleteTree(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Path unused =
        Files.walkFileTree(
            folder,
            new SimpleFileVisitor<>() {
              @Override
              public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                  throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
              }

              @Override
              public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException failed)
                  throws IOException {
                if (failed != null) {
                  throw failed;
                }
                Files.delete(dir);
                return FileVisitResult.CONTINUE;
              }
            });
  }
}
