/// The REST API as programs meet it.
@NullMarked
package io.relais.systemtests.api;

import org.jspecify.annotations.NullMarked;
