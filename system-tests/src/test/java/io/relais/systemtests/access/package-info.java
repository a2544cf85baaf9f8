/// Who may come in and what they may do, with sources and policies that the tests bring along.
@NullMarked
package io.relais.systemtests.access;

import org.jspecify.annotations.NullMarked;
