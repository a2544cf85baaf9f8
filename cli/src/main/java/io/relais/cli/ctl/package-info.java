/// `relais ctl`: administers a running node through its API.
@NullMarked
package io.relais.cli.ctl;

import org.jspecify.annotations.NullMarked;
