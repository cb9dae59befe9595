package io.sriov.cni.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFolderTest {

  @TempDir Path temporary;

  @Test
  void findsTheFilesThatMentionAVfWhateverTheirJsonLooksLike() throws IOException {
    var folder = new StateFolder(temporary.resolve("sriov"));
    assertThat(folder.mentioning("0000:01:10.0")).isEmpty();

    folder.write("plain-net1", "{\"deviceID\":\"0000:01:10.0\"}");
    folder.write("escaped-net1", "{\"deviceID\":\"0000\\u003a01\\u003a10.0\"}");
    folder.write("other-net1", "{\"deviceID\":\"0000:01:10.2\"}");
    folder.write("broken-net1", "{\"deviceID\":\"0000:01:10.0");

    assertThat(folder.mentioning("0000:01:10.0"))
        .containsExactly("broken-net1", "escaped-net1", "plain-net1");
  }

  @Test
  void findsWhatAFileSaysNowThoughItWasReadBefore() throws IOException {
    var files = temporary.resolve("sriov");
    var folder = new StateFolder(files);
    folder.write("replaced-net1", "{\"deviceID\":\"0000:01:10.0\"}");
    folder.write("overwritten-net1", "{\"deviceID\":\"0000:01:10.0\"}");
    folder.write("removed-net1", "{\"deviceID\":\"0000:01:10.0\"}");
    assertThat(folder.mentioning("0000:01:10.0")).hasSize(3);

    // Of the same length, as from another VF; the Go plugin writes over what is there.
    folder.write("replaced-net1", "{\"deviceID\":\"0000:01:10.2\"}");
    var overwritten = files.resolve("overwritten-net1");
    var before = Files.getLastModifiedTime(overwritten);
    await()
        .until(() -> {
          Files.writeString(overwritten, "{\"deviceID\":\"0000:01:10.2\"}");
          return !Files.getLastModifiedTime(overwritten).equals(before);
        });
    folder.remove("removed-net1");

    assertThat(folder.mentioning("0000:01:10.0")).isEmpty();
    assertThat(folder.mentioning("0000:01:10.2"))
        .containsExactly("overwritten-net1", "replaced-net1");
  }
}
