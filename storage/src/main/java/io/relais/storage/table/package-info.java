/// See ARCHITECTURE.md.
@NullMarked
package io.relais.storage.table;

import org.jspecify.annotations.NullMarked;
