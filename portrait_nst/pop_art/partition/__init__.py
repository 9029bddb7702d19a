"""pop_art/partition"""
