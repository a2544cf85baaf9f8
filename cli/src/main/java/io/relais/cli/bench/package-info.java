/// `relais bench`: load on a schedule that does not wait for answers, and the account of what came
/// of it.
@NullMarked
package io.relais.cli.bench;

import org.jspecify.annotations.NullMarked;
