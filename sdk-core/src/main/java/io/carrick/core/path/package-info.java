/**
 * How a remote comes to its sessions, and a session to its connections: lines, dialling, moving.
 */
@NullMarked
package io.carrick.core.path;

import org.jspecify.annotations.NullMarked;
