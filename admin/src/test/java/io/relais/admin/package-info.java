@NullMarked
package io.relais.admin;

import org.jspecify.annotations.NullMarked;
