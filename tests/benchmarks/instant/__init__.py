"""Networks learned for one painting: are their pictures paintings, steady, quick, and how do they stand beside others?"""
