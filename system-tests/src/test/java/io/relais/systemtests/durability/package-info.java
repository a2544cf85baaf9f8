/// What survives: kills, power cuts, disks that fail, fill up or are slow. `docs/faults.md` tells
/// it.
@NullMarked
package io.relais.systemtests.durability;

import org.jspecify.annotations.NullMarked;
