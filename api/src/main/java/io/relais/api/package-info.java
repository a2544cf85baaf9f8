/// The REST contract of `/api/v1` as records, and a small client. Names of components are the names
/// of JSON fields; what is nullable may be left out.
@NullMarked
package io.relais.api;

import org.jspecify.annotations.NullMarked;
