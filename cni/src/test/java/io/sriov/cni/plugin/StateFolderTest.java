package io.sriov.cni.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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
}
