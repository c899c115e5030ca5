"""The page's sections: from the findings to what the page says, one module a section."""
