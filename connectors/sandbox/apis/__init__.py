"""The sources' APIs, each as a pure handler from a request to a response."""
