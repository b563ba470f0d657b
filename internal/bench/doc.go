// Package bench puts load on servers of the Short Text Transfer Protocol and
// measures how they bear it. Every reply is verified: a measurement of wrong
// answers is worth nothing.
//
// A Session owns the snippets that it made on the server: Prepare makes them,
// Measure puts load on them, any number of times, and Clean deletes them. What
// was measured is a Result.
//
// # Response time and service time
//
// In an open loop requests are due at times that do not depend on the server.
// Response time counts from the moment a request was due until its reply was
// read, service time from the moment it was sent. A server that stalls for a
// second makes all requests wait that are due in that second; response time
// shows it for each of them, service time only for those that were on their way.
// In a closed loop a request is sent when the reply to the one before has come,
// so there is no due time and only service time is known.
package bench
