/// Sessions over random histories, compared with a model of what must and what may arrive.
@NullMarked
package io.relais.systemtests.model;

import org.jspecify.annotations.NullMarked;
