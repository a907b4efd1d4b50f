"""The only room with SpiffWorkflow: procedures, decisions, forms and letters as drawn."""
