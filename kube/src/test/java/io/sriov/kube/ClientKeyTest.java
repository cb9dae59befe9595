package io.sriov.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientKeyTest {

  @Test
  void seesWhatKindOfKeyLiesInAKubeconfigOrBesideIt(@TempDir Path folder) throws Exception {
    for (var algorithm : new String[] {"EC", "RSA"}) {
      var der = KeyPairGenerator.getInstance(algorithm).generateKeyPair().getPrivate().getEncoded();
      var pem =
          "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
              .formatted(Base64.getMimeEncoder().encodeToString(der));
      var file = Files.writeString(folder.resolve(algorithm), pem);
      var inside = new ConfigBuilder().withAutoConfigure(false).build();
      inside.setClientKeyData(
          Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII)));

      assertThat(ClientKey.algorithmOf(inside)).contains(algorithm);
      assertThat(ClientKey.algorithmOf(beside(file))).contains(algorithm);
    }
  }

  @Test
  void leavesOtherKeysToTheClient(@TempDir Path folder) throws Exception {
    var sec1 = Files.writeString(folder.resolve("key"), "-----BEGIN EC PRIVATE KEY-----\nMHc=\n");

    assertThat(ClientKey.algorithmOf(beside(sec1))).isEmpty();
    assertThat(ClientKey.algorithmOf(beside(folder.resolve("missing")))).isEmpty();
    assertThat(ClientKey.algorithmOf(new ConfigBuilder().withAutoConfigure(false).build()))
        .isEmpty();
  }

  private static Config beside(Path file) {
    var config = new ConfigBuilder().withAutoConfigure(false).build();
    config.setClientKeyFile(file.toString());
    return config;
  }
}
