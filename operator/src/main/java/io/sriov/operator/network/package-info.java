/** Networks → NetworkAttachmentDefinitions (spec 02 §4.3 to §4.5). */
@NullMarked
package io.sriov.operator.network;

import org.jspecify.annotations.NullMarked;
