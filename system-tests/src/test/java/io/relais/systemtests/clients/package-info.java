/// Relais through the eyes of clients that others wrote: what is published arrives, whichever
/// client, version and transport.
@NullMarked
package io.relais.systemtests.clients;

import org.jspecify.annotations.NullMarked;
