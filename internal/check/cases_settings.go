package check

// settingsCases are those of the settings file.
func settingsCases() []Case { return nil }
