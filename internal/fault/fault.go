// Package fault names bugs that are built into the product on purpose, one line
// each, so that the proof (package proof) can show that it would find them. They
// are there only in a build with the tag sttpfaults, where the variable
// STTP_FAULT says which one; in any other build Is is false for the compiler,
// which leaves the line out.
package fault

// Bug is something that goes wrong.
type Bug string

// Variable is the environment variable with the name of the one Bug of a process.
const Variable = "STTP_FAULT"

// The bugs, by the package that has them.
const (
	// cache.Handler
	CacheKeepsEntry  Bug = "cache-keeps-entry"  // the end of a change does not drop the key
	CacheFillsLate   Bug = "cache-fills-late"   // a flight fills although a change has detached it
	CacheKeepsQuery  Bug = "cache-keeps-query"  // what answers a LIST with a query is kept as if it had none
	CacheForgetsDirs Bug = "cache-forgets-dirs" // a change does not touch the directories above it

	// cache.RemoteHandler
	RemoteSkipsRemove Bug = "remote-skips-remove" // a change removes nothing
	RemoteFillsLate   Bug = "remote-fills-late"   // a read fills although a change began meanwhile

	// cache/redis
	RedisKeepsEpoch    Bug = "redis-keeps-epoch"     // the epoch stays the same over a reconnection and a failed Remove
	RedisFillsBlindly  Bug = "redis-fills-blindly"   // a fill does not compare the lease
	RedisSkipsRemove   Bug = "redis-skips-remove"    // a Remove is answered, and not sent
	RedisTellsNobody   Bug = "redis-tells-nobody"    // an invalidation from Redis does not reach the memory in front
	RedisMixesUpStores Bug = "redis-mixes-up-stores" // keys are without the store's id and the epoch

	// store/sqlite
	SQLiteAnswersEarly  Bug = "sqlite-answers-early"  // a change is answered before its transaction is committed
	SQLiteIgnoresCommit Bug = "sqlite-ignores-commit" // a commit that failed is answered as a success
	SQLiteKeepsIndex    Bug = "sqlite-keeps-index"    // a change is not noted for the index
	SQLiteSkipsPending  Bug = "sqlite-skips-pending"  // a search leaves out what is not indexed yet

	// store/files
	FilesSkipsSync      Bug = "files-skips-sync"       // a directory is not synced
	FilesUpdatesInSteps Bug = "files-updates-in-steps" // an UPDATE removes the file before it gives the new one its name
	FilesOverwrites     Bug = "files-overwrites"       // a CREATE replaces a file that is there

	// internal/service
	ServiceKnowsBetter Bug = "service-knows-better" // an unknown outcome is answered as if nothing had changed
)
