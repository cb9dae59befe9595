package io.sriov.plan.node;

/**
 * A VF that the kubelet's pod-resources API lists as given to a container.
 *
 * @param pod {@code namespace/name}
 */
public record VfInUse(PciAddress vf, String pod, String container) implements Comparable<VfInUse> {

  @Override
  public int compareTo(VfInUse other) {
    int byVf = vf.compareTo(other.vf);
    int byPod = byVf != 0 ? byVf : pod.compareTo(other.pod);
    return byPod != 0 ? byPod : container.compareTo(other.container);
  }
}
