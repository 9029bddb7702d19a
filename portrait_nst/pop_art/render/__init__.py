"""pop_art/render"""
