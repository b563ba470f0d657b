// Package search finds the highest rate at which a server keeps a condition such
// as "p99<5ms,errors<0.1%": the breaking point.
//
// # How it searches
//
// The rate is doubled until a step fails, or halved until one holds; then the
// bracket between the highest rate that held and the lowest that failed is halved
// until it is within 2 %; then the rate that held is tried for longer, and if it
// does not hold for that long, a lower one. A step that fails is tried once more
// before it counts, so that an unlucky second does not end the search.
//
// A step holds if every term of the condition does, if no reply was wrong, and if
// requests did not wait longer and longer: if their wait grows by more than 2 % of
// the time that passes, fewer than about 98 % of what is asked for is answered, and
// how long they wait at the end says only how long the step was. If the condition
// does not limit the errors, 98 % of the requests must have right replies, too.
//
// # Who is to blame
//
// A figure that is too high may be the fault of the generator: of this program,
// and of the machine that it runs on. It would be wrong to blame the server for
// it. So a failing step is the server's only if it would have failed with a
// generator that is never late. What is known of the generator:
//
//   - its lag: of each request, how long it waited to be sent although it was due
//     and a connection was free;
//   - samples of how late the program ran when the system could have woken it;
//   - its share of the processors that it may use;
//   - whether it could not open a connection for want of descriptors or ports.
//
// This harms a request in three ways. The request is sent late. It is then sent
// together with those that had become due meanwhile, so that the server, which
// was idle before, has a queue now; the wait in it is about the lag once more. And
// the reply is read late: nobody can see for how long it lay in the socket, but
// about as late as the program ran in the samples, and no less than it was late
// with sending. The sum is taken off before a figure is held against the server.
// Near its limit a server needs a multiple of the time of a burst to work it off,
// and harm comes to requests that were sent in time; so for a figure that one in
// a hundred requests exceeded, the lag is that which one in a thousand exceeded.
// Whatever else has the processors holds up a server on the same machine as well
// as the generator; if it is there, all of this is taken off twice.
//
// In this order, then:
//
//   - Wrong replies are the server's, and so is what it says itself: a status, a
//     connection that is refused, reset or closed.
//   - Whatever else fails while descriptors or ports are missing, or while the
//     program takes 90 % of the processors, is the generator's.
//   - What would hold with that taken off is the generator's, unless what is
//     taken off is less than a fifth of what the condition allows: so little moves
//     the breaking point somewhat, and makes none.
//   - Requests may have waited because all connections were taken. By Little's law
//     the rate times the service time is how many were taken on the average. If
//     that is at least half of all there are, it matters why. If it would be less
//     with a generator that is never late, the generator kept them. If the service time is
//     fine, and about what it is at rates that do not hurt, the server was waiting
//     for requests as much as the requests were waiting for a connection: the limit
//     is the number of connections, which is nobody's fault. If the service time
//     has grown, more connections would only wait at another place: the server.
//   - All else is the server's.
//
// In doubt the generator is named: then the rate that held is right, and that the
// server bears more is possible, whereas a server that is blamed wrongly is
// thought to be worse than it is. Where the condition only just fails, the
// generator's lag is often enough to explain it; so for the search as a whole the
// server is named if it fails beyond doubt at a rate at most a quarter higher.
//
// # What cannot be told
//
// How late each reply was read is not known, only how late the program ran at
// other moments. And if the server runs on the same machine, both share its
// processors with all else that runs there: the server may be late because another
// program had the processor, while this one had not to wait for it, and no figure
// here tells that from a server that is slow. At a rate at which all processors are busy the limit is
// that of the machine, whatever it is called. Only a generator on another machine
// shows what the server bears alone.
package search
