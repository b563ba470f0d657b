package check

// groups returns the records of the catalogue, by the files they stand in.
func groups() [][]Case {
	return [][]Case{
		connectionCases(),
		framingCases(),
		limitCases(),
		robustCases(),
		pathCases(),
		contentCases(),
		replyCases(),
		orderCases(),
		actionCases(),
		listCases(),
		cacheCases(),
		raceCases(),
		settingsCases(),
		diskCases(),
		durabilityCases(),
		shutdownCases(),
		clientCases(),
		queryCases(),
	}
}
