/// What tests of Relais share: a raw MQTT client, wire transcripts, brokers to test against, and
/// the mark that ties a test to a statement of the standard. See system-tests/README.md.
@NullMarked
package io.relais.testkit;

import org.jspecify.annotations.NullMarked;
