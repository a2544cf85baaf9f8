/// The REST API, metrics and health, on the admin listener. See docs/api.md.
@NullMarked
package io.relais.admin;

import org.jspecify.annotations.NullMarked;
