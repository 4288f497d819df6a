// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title stETH's behaviour: balances are shares of a pool that grows, so transfers lose up to 1 wei
/// @notice Stands at stETH's mainnet address on the local chain. Never for a real chain.
contract StethLookAlike {
    /// @notice `account` has or allows less than `amount`
    error Insufficient(address account, uint256 amount);

    event Transfer(address indexed from, address indexed to, uint256 value);
    event TransferShares(address indexed from, address indexed to, uint256 sharesValue);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    // Named as the ERC-20 getters that they are.
    // solhint-disable const-name-snakecase
    string public constant name = "Liquid staked Ether 2.0";
    string public constant symbol = "stETH";
    uint8 public constant decimals = 18;
    // solhint-enable const-name-snakecase

    mapping(address => uint256) public sharesOf;
    mapping(address => mapping(address => uint256)) public allowance;
    uint256 public getTotalShares;
    /// @notice Wei that all shares stand for
    uint256 public getTotalPooledEther;

    /// @param shares Shares of the first holder, who sits at the zero address's neighbour and never moves
    /// @param pooled Wei behind them: `pooled / shares` is the first rate
    constructor(uint256 shares, uint256 pooled) {
        sharesOf[address(1)] = shares;
        getTotalShares = shares;
        getTotalPooledEther = pooled;
    }

    /// @notice Makes shares worth `amount` wei, rounded down, for `to`. Open to anyone: the chain is local
    function mint(address to, uint256 amount) external {
        uint256 shares = getSharesByPooledEth(amount);
        sharesOf[to] += shares;
        getTotalShares += shares;
        getTotalPooledEther += amount;
        emit Transfer(address(0), to, amount);
        emit TransferShares(address(0), to, shares);
    }

    /// @notice A day's reward, or a loss: everybody's balance changes without a transfer
    function rebase(uint256 pooled) external {
        getTotalPooledEther = pooled;
    }

    function approve(address spender, uint256 value) external returns (bool) {
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
        return true;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        _transfer(msg.sender, to, value);
        return true;
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        uint256 allowed = allowance[from][msg.sender];
        require(allowed >= value, Insufficient(from, value));
        if (allowed != type(uint256).max) allowance[from][msg.sender] = allowed - value;
        _transfer(from, to, value);
        return true;
    }

    function totalSupply() external view returns (uint256) {
        return getTotalPooledEther;
    }

    function balanceOf(address account) external view returns (uint256) {
        return getPooledEthByShares(sharesOf[account]);
    }

    function getSharesByPooledEth(uint256 amount) public view returns (uint256) {
        return (amount * getTotalShares) / getTotalPooledEther;
    }

    function getPooledEthByShares(uint256 shares) public view returns (uint256) {
        return (shares * getTotalPooledEther) / getTotalShares;
    }

    function _transfer(address from, address to, uint256 value) private {
        uint256 shares = getSharesByPooledEth(value);
        require(sharesOf[from] >= shares, Insufficient(from, value));
        sharesOf[from] -= shares;
        sharesOf[to] += shares;
        emit Transfer(from, to, value);
        emit TransferShares(from, to, shares);
    }
}
