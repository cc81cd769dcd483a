-- How the tiers change: the number of customers in each, by day.
SELECT scored_on, churn_risk_tier, sum(customers) AS customers
FROM tier_counts
GROUP BY scored_on, churn_risk_tier
ORDER BY scored_on DESC, customers DESC
