/// What a store holds, as lines of JSON.
@NullMarked
package io.relais.server.store;

import org.jspecify.annotations.NullMarked;
