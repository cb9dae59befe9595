package io.sriov.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReaderTest {

  private JsonNode object;

  @BeforeEach
  void object() throws Exception {
    object =
        new ObjectMapper()
            .readTree(
                """
                {"metadata": {"annotations": {"a.b/c-d": "x"}, "deletionTimestamp": null},
                 "status": {"interfaces": [
                   {"name": "p1", "numVfs": 4, "Vfs": [{"vfID": 0}, {"vfID": 1}]},
                   {"name": "p2"}]}}
                """);
  }

  @Test
  void readsAsKubectlDoes() {
    assertThat(fill("{.status.interfaces[*].name}")).isEqualTo("p1 p2");
    assertThat(fill("{.status.interfaces[?(@.name==\"p1\")].numVfs}")).isEqualTo("4");
    assertThat(fill("{.status.interfaces[?(@.name==\"p1\")].Vfs[*].vfID}")).isEqualTo("0 1");
    assertThat(fill("{.status.interfaces[0].Vfs[1].vfID}")).isEqualTo("1");
    assertThat(fill("{.metadata.annotations.a\\.b/c-d}")).isEqualTo("x");
    assertThat(fill("{.metadata.annotations}")).isEqualTo("{\"a.b/c-d\":\"x\"}");
  }

  @Test
  void ofWhatIsNotThereIsNothing() {
    assertThat(fill("<{.spec.none}{.metadata.deletionTimestamp} {.status.interfaces[7]}>"))
        .isEqualTo("< >");
    assertThat(fill("{.status.interfaces[?(@.name==\"p3\")].numVfs}")).isEmpty();
  }

  @Test
  void whatItDoesNotKnowIsNoPath() {
    assertThatThrownBy(() -> fill("{.status..name}")).hasMessageContaining(".status..name");
  }

  private String fill(String template) {
    return Reader.fill(template, object);
  }
}
