package cli

import (
	"runtime"
	"runtime/debug"
)

// Version returns what the program called name was built from, such as
// "sttp-client v1.2.0 (go1.26.5, linux/amd64)": the module's version, or the
// revision of the checkout, or "(devel)".
func Version(name string) string {
	version := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = buildVersion(info)
	}
	return name + " " + version + " (" + runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH + ")"
}

func buildVersion(info *debug.BuildInfo) string {
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	revision, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+changes"
		}
	}
	if revision == "" {
		return "(devel)"
	}
	return revision + dirty
}
