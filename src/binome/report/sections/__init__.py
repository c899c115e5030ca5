"""The report's sections: from the evidence to what the page says, one module a section."""
