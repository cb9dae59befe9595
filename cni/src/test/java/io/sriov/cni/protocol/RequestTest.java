package io.sriov.cni.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sriov.testkit.Spec;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The server checks everything again: it need not trust whoever writes to its socket. */
class RequestTest {

  private static Map<String, String> variables(String command) {
    return new HashMap<>(
        Map.of(
            "CNI_COMMAND", command,
            "CNI_CONTAINERID", "c1",
            "CNI_NETNS", "/run/netns/x",
            "CNI_IFNAME", "net1",
            "CNI_PATH", "/opt/cni/bin"));
  }

  private static Request request(Map<String, String> variables, String stdin) throws CniException {
    return Request.of(variables, stdin.getBytes(StandardCharsets.UTF_8));
  }

  private static int code(Map<String, String> variables, String stdin) {
    CniException e = catchThrowableOfType(CniException.class, () -> request(variables, stdin));
    return e == null ? -1 : e.code();
  }

  private static String config(String version) {
    return "{\"name\":\"n1\",\"cniVersion\":\"" + version + "\"}";
  }

  @ParameterizedTest
  @CsvSource({
    "ADD,0.1.0,-1",
    "ADD,1.1.0,-1",
    "ADD,0.5.0,1",
    "ADD,1.2.0,1",
    "ADD,x,6",
    "ADD,1.0.0.0,6",
    "CHECK,0.3.1,1",
    "CHECK,0.4.0,-1",
    "CHECK,2.0.0,1",
    "GC,1.0.0,1",
    "GC,1.1.0,-1",
    "STATUS,1.0.0,1",
    "STATUS,1.1.0,-1"
  })
  @Spec("04:11")
  @Spec("04:13")
  @Spec("04:14")
  void gatesVerbsByTheVersionOfTheConfiguration(String command, String version, int code) {
    assertThat(code(variables(command), config(version))).isEqualTo(code);
  }

  @Test
  @Spec("04:11")
  void listsTheVersionsItSupports() {
    CniException e =
        catchThrowableOfType(CniException.class, () -> request(variables("ADD"), config("0.5.0")));

    assertThat(e.details()).contains("0.1.0", "0.3.1", "1.1.0");
  }

  @Test
  void takesAConfigurationWithoutAVersionForTheOldest() throws Exception {
    assertThat(request(variables("ADD"), "{\"name\":\"n1\"}").cniVersion()).isEqualTo("0.1.0");
  }

  @Test
  @Spec("04:4")
  void listsEverythingThatIsMissingAtOnce() {
    Map<String, String> variables = variables("ADD");
    variables.put("CNI_NETNS", "");
    variables.remove("CNI_IFNAME");
    variables.remove("CNI_PATH");

    CniException e =
        catchThrowableOfType(CniException.class, () -> request(variables, config("1.0.0")));

    assertThat(e.code()).isEqualTo(4);
    assertThat(e).hasMessageContaining("[CNI_NETNS,CNI_IFNAME,CNI_PATH]");
  }

  @Test
  void needsNoNamespaceForDelAndNoContainerForGc() throws Exception {
    Map<String, String> del = variables("DEL");
    del.remove("CNI_NETNS");
    assertThat(request(del, config("1.0.0")).environment().netns()).isEmpty();

    Map<String, String> gc = new HashMap<>(Map.of("CNI_COMMAND", "GC", "CNI_PATH", "/x"));
    assertThat(request(gc, config("1.1.0")).environment().command()).isEqualTo(Command.GC);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\u00a0b", "a\u2003b", "a\u0085b", "ääääääää"})
  @Spec("04:6")
  @Spec("04:7")
  void countsBytesAndKnowsUnicodesWhiteSpace(String name) {
    Map<String, String> variables = variables("ADD");
    variables.put("CNI_IFNAME", name);

    assertThat(code(variables, config("1.0.0"))).isEqualTo(4);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "'{\"cniVersion\":\"1.0.0\"'|6",
        "''|6",
        "'{\"name\":\"a\"} x'|6",
        "'[]'|6",
        "'null'|7",
        "'{}'|7",
        "'{\"name\":\"a b\"}'|7",
        "'{\"name\":1}'|6",
        "'{\"name\":\"a\",\"x\":01}'|6",
        "'{\"name\":\"a\",\"Name\":\"b c\"}'|7",
        "'{\"NAME\":\"a\"}'|-1"
      })
  @Spec("04:9")
  @Spec("04:10")
  @Spec("04:24")
  void readsTheConfigurationAsTheForwarderDoes(String stdin, int code) {
    assertThat(code(variables("ADD"), stdin)).isEqualTo(code);
  }

  @Test
  void refusesADocumentThatIsTooDeepInsteadOfOverflowing() {
    String deep = "{\"name\":\"a\",\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";

    assertThat(code(variables("ADD"), deep)).isEqualTo(6);
  }
}
