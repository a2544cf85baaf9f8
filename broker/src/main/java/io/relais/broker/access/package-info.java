/// Who may connect, publish, subscribe and receive: the seam to sources of authentication and to a
/// policy, and what is built on it.
@NullMarked
package io.relais.broker.access;

import org.jspecify.annotations.NullMarked;
