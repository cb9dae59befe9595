package io.sriov.operator.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;

/** References by which the garbage collector removes what belongs to an object. */
public final class Owner {

  private Owner() {}

  /** The one owner that manages the object (spec 02 §2.1.1). */
  public static OwnerReference controller(HasMetadata owner) {
    return new OwnerReferenceBuilder(plain(owner))
        .withController(true)
        .withBlockOwnerDeletion(true)
        .build();
  }

  /** An owner among others. */
  public static OwnerReference plain(HasMetadata owner) {
    return new OwnerReferenceBuilder()
        .withApiVersion(owner.getApiVersion())
        .withKind(owner.getKind())
        .withName(owner.getMetadata().getName())
        .withUid(owner.getMetadata().getUid())
        .build();
  }
}
