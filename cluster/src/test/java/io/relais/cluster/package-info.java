@NullMarked
package io.relais.cluster;

import org.jspecify.annotations.NullMarked;
