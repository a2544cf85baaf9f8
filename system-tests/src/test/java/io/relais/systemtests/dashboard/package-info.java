/// The dashboard in a real browser.
@NullMarked
package io.relais.systemtests.dashboard;

import org.jspecify.annotations.NullMarked;
