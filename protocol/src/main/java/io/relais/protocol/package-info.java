/// See ARCHITECTURE.md.
@NullMarked
package io.relais.protocol;

import org.jspecify.annotations.NullMarked;
