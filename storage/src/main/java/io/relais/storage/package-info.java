/// See ARCHITECTURE.md.
@NullMarked
package io.relais.storage;

import org.jspecify.annotations.NullMarked;
