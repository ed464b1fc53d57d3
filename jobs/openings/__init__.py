"""The public job site, and the services that write campaigns and jobs."""
