/// What peers may do that no client should, while others go on as if nothing happened.
@NullMarked
package io.relais.systemtests.hostile;

import org.jspecify.annotations.NullMarked;
