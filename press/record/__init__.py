"""Recording over seeds what the pages compute and what the explorers show."""
