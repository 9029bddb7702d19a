"""pop_art/colour"""
