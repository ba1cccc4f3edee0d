"""What every page of a node is made of: layout, components, assets, wording of time."""
