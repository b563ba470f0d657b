package check

import "fmt"

// Story is a feature of the guide, or something beyond it that docs/protocol.md
// asks for. Scores are given by story.
type Story struct {
	Name  string // for --until and in reports
	Title string
	Guide bool // the guide has it
}

// Stories returns the stories, those of the guide first and in its order.
func Stories() []Story {
	return []Story{
		{"settings", "the server reads a settings file", true},
		{"tcp", "the server accepts TCP connections and answers", true},
		{"requests", "requests are parsed and validated", true},
		{"create", "CREATE", true},
		{"show", "SHOW", true},
		{"list", "LIST", true},
		{"delete", "DELETE", true},
		{"update", "UPDATE", true},
		{"suggestions", "wrong requests are answered with a suggestion", true},
		{"name-length", "file names that are too long", true},
		{"path-errors", "directories that are missing or cannot be made", true},
		{"server-errors", "failures of the server are told", true},
		{"cache", "what is cached is never stale", true},
		{"parallel", "connections are served in parallel", true},
		{"races", "no races, under load", true},
		{"shutdown", "the server ends properly", true},
		{"client", "a client that parses URLs and sends what it is told", true},
		{"connections", "many requests on one connection", false},
		{"framing", "lines, sessions and their ends", false},
		{"paths", "what a path can be", false},
		{"contents", "what contents can be, and how they are quoted", false},
		{"replies", "the form of replies", false},
		{"order", "which error comes first", false},
		{"robustness", "clients that are broken or bad", false},
		{"disk", "what lies on disk", false},
		{"durability", "nothing acknowledged is lost", false},
		{"queries", "a LIST that searches, and pages", false},
	}
}

// storyIndex returns the place of the story of that name in the order of
// Stories.
func storyIndex(name string) (int, error) {
	for i, s := range Stories() {
		if s.Name == name {
			return i, nil
		}
	}
	return 0, fmt.Errorf("there is no story %q", name)
}
