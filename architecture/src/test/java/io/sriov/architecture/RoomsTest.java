package io.sriov.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The arrows of {@code docs/architecture.md}: they point downwards only. */
class RoomsTest {

  private static final Map<String, Set<String>> MAY_USE =
      Map.ofEntries(
          Map.entry("api", Set.of()),
          Map.entry("linux", Set.of()),
          Map.entry("kubelet", Set.of()),
          Map.entry("plan", Set.of("api")),
          Map.entry("kube", Set.of("api")),
          Map.entry("cni", Set.of("linux")),
          Map.entry("deviceplugin", Set.of("linux", "api", "kube", "kubelet")),
          Map.entry("node", Set.of("api", "plan", "linux", "kube", "kubelet", "cni")),
          Map.entry("operator", Set.of("api", "plan", "kube")));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.sriov");

  @Test
  void everyRoomUsesOnlyTheRoomsBelowIt() {
    MAY_USE.forEach((room, allowed) -> {
      Set<String> forbidden = new TreeSet<>(MAY_USE.keySet());
      forbidden.removeAll(allowed);
      forbidden.remove(room);
      noClasses()
          .that()
          .resideInAPackage("io.sriov." + room + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              forbidden.stream().map(r -> "io.sriov." + r + "..").toArray(String[]::new))
          .allowEmptyShould(true)
          .check(CLASSES);
    });
  }

  @Test
  void onlyOnePackageTouchesForeignMemoryAndFunctions() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.sriov.linux.ffm..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.lang.foreign..")
        .check(CLASSES);
  }

  @Test
  void decisionsDoNoInputOrOutput() {
    noClasses()
        .that()
        .resideInAPackage("io.sriov.plan..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.nio.file..", "java.nio.channels..", "java.net..", "io.fabric8.kubernetes.client")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.lang.ProcessBuilder")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.io.File")
        .check(CLASSES);
  }

  @Test
  void packagesOfARoomHaveNoCycles() {
    for (String room : MAY_USE.keySet()) {
      slices()
          .matching("io.sriov." + room + ".(*)..")
          .should()
          .beFreeOfCycles()
          .allowEmptyShould(true)
          .check(CLASSES);
    }
  }

  /** A room that this test does not know would be unguarded. */
  @Test
  void everyModuleWithMainCodeIsARoomOrALooseEnd() throws Exception {
    Set<String> looseEnds = Set.of("testkit", "lab");
    try (Stream<Path> folders = Files.list(Path.of(System.getProperty("sriov.root")))) {
      assertThat(
              folders
                  .filter(folder -> Files.isDirectory(folder.resolve("src/main/java")))
                  .map(folder -> folder.getFileName().toString())
                  .filter(name -> !looseEnds.contains(name)))
          .isSubsetOf(MAY_USE.keySet());
    }
  }
}
