package io.sriov.kube;

import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;

/**
 * Kind of the client key of a kubeconfig. The client library takes a key in PKCS #8 ({@code BEGIN
 * PRIVATE KEY}) for an RSA key unless it is told, though the file says what it is.
 */
final class ClientKey {

  private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
  private static final String END = "-----END PRIVATE KEY-----";

  private ClientKey() {}

  /** {@code EC} or {@code RSA}; empty without a key in PKCS #8. */
  static Optional<String> algorithmOf(Config config) {
    try {
      var pem = pem(config);
      int begin = pem.indexOf(BEGIN);
      int end = pem.indexOf(END);
      if (begin < 0 || end < begin) {
        return Optional.empty();
      }
      var key =
          new PKCS8EncodedKeySpec(
              Base64.getMimeDecoder().decode(pem.substring(begin + BEGIN.length(), end)));
      for (var algorithm : new String[] {"EC", "RSA"}) {
        if (fits(algorithm, key)) {
          return Optional.of(algorithm);
        }
      }
      return Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      // Whoever loads the key says what is wrong with it.
      return Optional.empty();
    }
  }

  private static String pem(Config config) throws IOException {
    if (config.getClientKeyData() != null) {
      return new String(
          Base64.getMimeDecoder().decode(config.getClientKeyData()), StandardCharsets.US_ASCII);
    }
    return config.getClientKeyFile() == null
        ? ""
        : Files.readString(Path.of(config.getClientKeyFile()), StandardCharsets.US_ASCII);
  }

  private static boolean fits(String algorithm, PKCS8EncodedKeySpec key) {
    try {
      return KeyFactory.getInstance(algorithm).generatePrivate(key) != null;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
