/// See ARCHITECTURE.md.
@NullMarked
package io.relais.testkit;

import org.jspecify.annotations.NullMarked;
