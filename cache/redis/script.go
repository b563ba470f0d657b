package redis

import (
	"crypto/sha1"
	"encoding/hex"
)

// script is a script and the name under which Redis remembers it.
type script struct{ text, sha1 string }

func newScript(text string) script {
	sum := sha1.Sum([]byte(text)) // as Redis names it; nothing rests on it
	return script{text, hex.EncodeToString(sum[:])}
}
