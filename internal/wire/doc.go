// Package wire turns bytes into requests and responses, and back. It knows no
// sockets and no readers: it takes and gives byte slices, so that servers,
// clients, tests and fuzzers all use the same code. docs/protocol.md, sections
// 2 to 6, says what it implements.
package wire
