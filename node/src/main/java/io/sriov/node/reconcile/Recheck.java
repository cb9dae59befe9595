package io.sriov.node.reconcile;

import io.sriov.node.apply.StepExecutor;
import io.sriov.node.host.Host;
import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.Inventory.Vf;
import io.sriov.plan.node.Step;
import io.sriov.plan.node.VfInUse;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Asks again who holds the VFs that a step is about to take: between plan and step a pod may have
 * got one, also of those that were just made. Steps that ask at the same time share an answer, as
 * long as nobody gets one that is older than his question.
 */
final class Recheck implements StepExecutor.Guard {

  private final Host host;
  private final PodsOnVfs pods;
  private final Set<String> allowed;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Inventory answer;
  private long answeredFrom;

  /**
   * @param allowed pods that lose their VFs though they run
   */
  Recheck(Host host, PodsOnVfs pods, Set<String> allowed) {
    this.host = host;
    this.pods = pods;
    this.allowed = Set.copyOf(allowed);
  }

  @Override
  public List<VfInUse> holders(Step step) throws IOException {
    Inventory now = after(System.nanoTime());
    return now.pfs().stream()
        .filter(pf -> pf.pci().equals(step.pf()))
        .flatMap(pf -> pf.vfs().stream())
        .filter(vf -> !(step instanceof Step.OfVf ofVf) || ofVf.vf() == vf.id())
        .map(Vf::pci)
        .flatMap(vf -> now.inUse().stream().filter(use -> use.vf().equals(vf)))
        .filter(use -> !allowed.contains(use.pod()))
        .sorted()
        .toList();
  }

  private Inventory after(long question) throws IOException {
    lock.lock();
    try {
      Inventory known = answer;
      if (known != null && answeredFrom - question >= 0) {
        return known;
      }
      long from = System.nanoTime();
      Inventory now = host.inventory();
      Inventory asked = now.withInUse(pods.on(now));
      answer = asked;
      answeredFrom = from;
      return asked;
    } finally {
      lock.unlock();
    }
  }
}
